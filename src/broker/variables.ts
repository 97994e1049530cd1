/** In which an editor tells a server that it starts where its broker is, and the key to it. */
export const addressVariable = 'OMNISPINDLE_BROKER';
/** The key that the server shows to the broker. */
export const keyVariable = 'OMNISPINDLE_BROKER_KEY';
