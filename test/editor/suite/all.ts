import './signIn.ts';
import './windows.ts';
import './renewal.ts';
import './servers.ts';
