/** In which an editor tells a server that it starts where its broker is, and the key to it. */
export const addressVariable = 'OMNISPINDLE_BROKER';
export const keyVariable = 'OMNISPINDLE_BROKER_KEY';
