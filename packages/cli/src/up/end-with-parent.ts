/** Ends this process as SIGTERM would when the one that started it is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
