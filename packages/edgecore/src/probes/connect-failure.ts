import { getSystemErrorMap } from 'node:util';
import { authority } from '@skerry/shared/authority';
import { messageOf } from '@skerry/shared/errors';

/** Why a connection failed, in the words of Go's network library, which events of kubelets have. */
export function connectFailure(error: unknown): string {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'connect')
    return messageOf(error);
  const { errno, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  const [, words] = getSystemErrorMap().get(errno ?? 0) ?? ['', error.message];
  return `dial tcp ${authority(address ?? '', port ?? 0)}: connect: ${words}`;
}
