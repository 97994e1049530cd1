import type * as vscode from 'vscode';
import { enumerations, EventEmitter } from './basics.ts';
import type { Profile } from './profile.ts';

/** A setting as an extension's package.json describes it. */
interface Description {
  readonly default?: unknown;
}

/**
 * The settings as a window sees them.
 * @param described our settings by their whole names, as package.json has them
 * @param workspace what the workspace's own `settings.json` has, in an editor that gives a workspace too much
 */
export function createConfiguration(
  profile: Profile,
  described: Readonly<Record<string, Description>>,
  workspace: Readonly<Record<string, unknown>>,
) {
  const changed = new EventEmitter<vscode.ConfigurationChangeEvent>();
  const watching = profile.settingChanged.event(name => {
    changed.fire({ affectsConfiguration: asked => contains(asked, name) || contains(name, asked) });
  });

  function inspect<T>(name: string) {
    return {
      key: name,
      defaultValue: described[name]?.default as T | undefined,
      globalValue: profile.settings.get(name) as T | undefined,
      workspaceValue: workspace[name] as T | undefined,
    };
  }

  function valueOf(name: string): unknown {
    const { workspaceValue, globalValue, defaultValue } = inspect(name);
    return workspaceValue ?? globalValue ?? defaultValue;
  }

  async function update(name: string, value: unknown, target: unknown): Promise<void> {
    if (!(name in described)) {
      throw new Error(`Unable to write ${name}: it is not a registered configuration.`);
    }
    if (target !== enumerations.ConfigurationTarget.Global && target !== true) {
      throw new Error(`The stand-in writes ${name} for the person only: give it ConfigurationTarget.Global.`);
    }
    profile.set(name, value);
  }

  return {
    onDidChangeConfiguration: changed.event,
    getConfiguration(section = '') {
      const whole = (key: string) => (section === '' ? key : `${section}.${key}`);
      return {
        get: (key: string, absent?: unknown) => valueOf(whole(key)) ?? absent,
        has: (key: string) => valueOf(whole(key)) !== undefined,
        inspect: (key: string) => inspect(whole(key)),
        update: (key: string, value: unknown, target: unknown) => update(whole(key), value, target),
      };
    },
    dispose() {
      watching.dispose();
    },
  };
}

function contains(section: string, name: string): boolean {
  return name === section || name.startsWith(`${section}.`);
}
