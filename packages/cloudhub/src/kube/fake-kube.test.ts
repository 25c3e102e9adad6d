import { FakeKube } from './testing/fake-kube.ts';
import { kubeContract } from './testing/kube-contract.ts';
import { NotFound } from './kube-errors.ts';

kubeContract('the fake', () => {
  const api = new FakeKube();
  api.fault = (_call, key) => (key === 'widgets' ? new NotFound('not served') : undefined);
  return Promise.resolve({ api, [Symbol.asyncDispose]: () => Promise.resolve() });
});
