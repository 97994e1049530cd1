import assert from 'node:assert/strict';
import { ownersOnly } from '../../src/platform/windowsAccess.ts';
import { judgeAccess, windowsAccess } from '../../src/platform/windowsAccessList.ts';
import { explain } from '../../src/terminal/commands/doctor/access.ts';

describe('the access list of a directory on Windows', () => {
  const directory = 'C:\\Users\\Ada L\\AppData\\Local\\omnispindle & co';

  it('is the user’s own, and nobody else’s, for all that is in it', () => {
    const env = { USERDOMAIN: 'ANALYTICAL', SystemRoot: 'D:\\Windows' };
    assert.deepEqual(ownersOnly(directory, { username: 'Ada L', env }), [
      'D:\\Windows\\System32\\icacls.exe',
      [directory, '/inheritance:r', '/grant:r', 'ANALYTICAL\\Ada L:(OI)(CI)F'],
    ]);
  });

  it('names the user alone where the environment has no domain', () => {
    const [program, args] = ownersOnly(directory, { username: 'ada', env: {} });
    assert.equal(program, 'C:\\Windows\\System32\\icacls.exe');
    assert.equal(args.at(-1), 'ada:(OI)(CI)F');
  });
});

describe('[T7] what Windows says of a directory', () => {
  const ada = 'S-1-5-21-1004336348-1177238915-682003330-1001';
  const eve = 'S-1-5-21-1004336348-1177238915-682003330-1002';
  const own = `(A;OICI;FA;;;${ada})`;

  for (const [name, sddl, sid] of [
    ['given to her alone, as we give it', `O:${ada}G:${ada}D:PAI${own}`, ada],
    ['as it is in her profile', `O:${ada}G:${ada}D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)${own}`, ada],
    ['made by her as an administrator', `O:BAG:${ada}D:PAI${own}(A;OICIIO;FA;;;CO)`, ada],
    ['that it denies to others', `O:${ada}G:${ada}D:PAI(D;;FA;;;WD)${own}`, ada],
    ['of the built-in administrator', 'O:LAG:LAD:PAI(A;OICI;FA;;;LA)', 'S-1-5-21-1-2-3-500'],
    ['with a list of what is audited', `O:${ada}G:${ada}D:PAI${own}S:AI(AU;OICISA;FA;;;WD)`, ada],
  ] as const) {
    it(`is that only its user gets at it: ${name}`, () => {
      assert.equal(judgeAccess(sddl, sid), 'user only');
    });
  }

  for (const [name, sddl] of [
    ['everybody reads', `O:${ada}G:${ada}D:PAI${own}(A;OICI;FR;;;WD)`],
    ['users of the machine, as in the root of a drive', `O:${ada}G:${ada}D:AI${own}(A;OICIID;0x1200a9;;;BU)`],
    ['another user', `O:${ada}G:${ada}D:PAI${own}(A;;FA;;;${eve})`],
    ['everybody on a condition', `O:${ada}G:${ada}D:PAI${own}(XA;;FA;;;WD;(@User.Title=="PM"))`],
    ['everybody, for want of a list', `O:${ada}G:${ada}`],
    ['everybody, by an empty list', `O:${ada}G:${ada}D:NO_ACCESS_CONTROL`],
  ] as const) {
    it(`is that others get at it: ${name}`, () => {
      assert.equal(judgeAccess(sddl, ada), 'open to others');
    });
  }

  it('is that it belongs to another', () => {
    assert.equal(judgeAccess(`O:${eve}G:${eve}D:PAI${own}`, ada), 'belongs to another');
    assert.equal(judgeAccess('', ada), 'belongs to another');
  });

  it('is asked of the system’s own programs, with the name in no command line', async () => {
    const directory = "C:\\Users\\Ada'; Remove-Item $HOME";
    const asked: string[] = [];
    const found = await windowsAccess(directory, ([program, args], env) => {
      asked.push(program);
      assert.ok(!args.join().includes(directory));
      if (!program.endsWith('powershell.exe')) return Promise.resolve(`"analytical\\ada","${ada}"\r\n`);
      assert.equal(env?.['OMNISPINDLE_CHECKED'], directory);
      assert.equal(env['PSModulePath'], undefined);
      return Promise.resolve(`O:${ada}G:${ada}D:PAI${own}\r\n`);
    });
    assert.equal(found, 'user only');
    assert.deepEqual(asked, [
      'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
      'C:\\Windows\\System32\\whoami.exe',
    ]);
  });

  it('comes with the command that helps', () => {
    assert.equal(explain('C:\\data', 'user only'), undefined);
    assert.match(explain('C:\\data', 'belongs to another') ?? '', /takeown \/F "C:\\data" \/R/);
    assert.match(
      explain('C:\\data & co', 'open to others') ?? '',
      /icacls "C:\\data & co" \/inheritance:r \/grant:r "\S+:\(OI\)\(CI\)F"$/,
    );
  });
});
