import { RedMessenger, type Message, type Options, type State } from 'redmessenger';

const options: Options = {
  uid: 'ann',
  getToken: async () => 'token',
  onMessage: async (message: Message) => {
    const payload: string = message.payload;
    console.log(payload);
  },
  onMissed: (count) => console.log(count + 1),
  onState(state: State, { retryIn }) {
    console.log(this.uid, state, retryIn);
  },
  notifications: (message) => ({ title: 'Shop', body: message.payload }),
  storage: null,
  transports: ['sse'],
};
const messenger = new RedMessenger('https://push.example.org', options);
const original = new RedMessenger('https://push.example.org/rm', 'ann', 'key');
original.onMessage = (message) => console.log(message.source);
messenger.close();
// @ts-expect-error no such option
new RedMessenger('', { uid: 'ann', onMesage: () => {} });
// @ts-expect-error read only
messenger.state = 'closed';
