import type { ApiServerOptions } from '@skerry/apiserver/api-server';
import { readTokenFile } from '@skerry/apiserver/auth/token-file';
import type { ApiConfig } from './config.ts';
import { readText } from './read-text.ts';

/** What the embedded API reads from files, and where it writes its audit log. */
export async function apiFiles(
  api: ApiConfig,
): Promise<Pick<ApiServerOptions, 'authorityKey' | 'knownTokens' | 'auditLog'>> {
  const { authorityKey, tokenFile, auditLog, auditLogMegabytes, auditLogBackups } = api;
  return {
    authorityKey: authorityKey === undefined ? undefined : await readText(authorityKey),
    knownTokens:
      tokenFile === undefined ? undefined : readTokenFile(await readText(tokenFile), tokenFile),
    auditLog:
      auditLog === undefined
        ? undefined
        : {
            path: auditLog,
            fileBytes: auditLogMegabytes * 1_000_000,
            backups: auditLogBackups,
          },
  };
}
