import './signIn.ts';
