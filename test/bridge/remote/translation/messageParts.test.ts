import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseMessages, type Message } from '../../../../src/mcp/message.ts';
import { json, partOf, withMembers } from '../../../../src/bridge/remote/translation/messageParts.ts';

function messageOf(text: string): Message {
  const [message] = parseMessages(text);
  assert.ok(message);
  return message;
}

describe('a message with other members', () => {
  it('[eras] keeps all else as it came', () => {
    const message = messageOf(
      '{ "id" : 12345678901234567890, "params":{"b":1.0,"2":[12345678901234567891],"1":"\\u2028"}}',
    );
    const changed = withMembers(message, ['params', '_meta'], { key: json('value') });
    assert.equal(
      changed.text,
      '{ "id" : 12345678901234567890, "params":{"b":1.0,"2":[12345678901234567891],"1":"\\u2028","_meta":{"key":"value"}}}',
    );
    assert.equal(partOf(changed, 'params', '2')?.text, '[12345678901234567891]');
    assert.equal(
      withMembers(changed, ['params'], { _meta: undefined, b: json(2) }).text.includes('_meta'),
      false,
    );
  });

  it('[eras] says what it is written as, whatever stood there', () => {
    const name = fc.constantFrom('a', 'b', '_meta', '__proto__', 'toString', '1', '"');
    const object = fc.dictionary(name, fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(
        object,
        fc.array(name, { maxLength: 2 }),
        fc.array(fc.tuple(name, fc.option(fc.jsonValue(), { nil: undefined })), { maxLength: 3 }),
        (before, path, members) => {
          const changes = Object.fromEntries(
            members.map(([key, value]) => [key, value === undefined ? undefined : json(value)]),
          );
          const { text, content } = withMembers(messageOf(JSON.stringify(before)), path, changes);
          assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(content)));
          const at = partOf({ text, content }, ...path)?.value as object;
          for (const [key, value] of Object.entries(changes)) {
            const now: unknown = Object.getOwnPropertyDescriptor(at, key)?.value;
            assert.deepEqual(now, value?.value);
          }
        },
      ),
    );
  });
});
