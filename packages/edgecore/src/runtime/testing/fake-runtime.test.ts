import { fakeRuntimeUnderTest } from './fake-runtime-under-test.ts';
import { runtimeContract } from './runtime-contract.ts';

runtimeContract('fake', () => fakeRuntimeUnderTest());
