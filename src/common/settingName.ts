import { inPlace } from './place.ts';

const names = {
  domain: ['omnispindle.auth0.domain', 'AUTH0_DOMAIN'],
  clientId: ['omnispindle.auth0.clientId', 'AUTH0_CLIENT_ID'],
  audience: ['omnispindle.auth0.audience', 'AUTH0_AUDIENCE'],
  organization: ['omnispindle.auth0.organization', 'AUTH0_ORGANIZATION (--organization)'],
  callbackPort: ['omnispindle.signIn.callbackPort', 'CALLBACK_PORT'],
} as const;

/** What a person calls a setting of ours: an editor's, or an environment variable. */
export function settingName(setting: keyof typeof names): string {
  const [editor, terminal] = names[setting];
  return inPlace({ editor, terminal });
}
