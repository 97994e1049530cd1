/** In which an editor, or `run`, tells a server that it starts where its broker is. */
export const addressVariable = 'OMNISPINDLE_BROKER';
/** The key that the server shows to the broker. */
export const keyVariable = 'OMNISPINDLE_BROKER_KEY';
