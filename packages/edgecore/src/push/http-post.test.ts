import { expect, it } from 'vitest';
import { post } from './http-post.ts';

it('says where nobody took it, and nothing that opens it', async () => {
  const url = 'http://pump:s3cret@127.0.0.1:1/s3cret?token=s3cret'; // nobody listens there
  const posted = post({ url, body: '[]', timeoutMs: 10_000 }, new AbortController().signal);
  await expect(posted).rejects.toThrow(/^failed to post to http:\/\/127\.0\.0\.1:1: /);
  await expect(posted).rejects.not.toThrow('s3cret');
});
