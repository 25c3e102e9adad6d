#!/bin/sh
# Compiles hello.c for every architecture Skerry runs on, and writes the programs as base64 into the
# command that shows them. Run it after a change of hello.c. Needs the Debian packages
#   gcc gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-riscv64-linux-gnu
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages=$here/../../packages
target=$packages/cli/src/demo/hello-programs.ts
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Names as in `process.arch`, then the compiler and what only it needs.
compilers='x64 gcc -fcf-protection=none
arm64 aarch64-linux-gnu-gcc -mno-outline-atomics
arm arm-linux-gnueabihf-gcc -marm -march=armv7-a -mfpu=vfpv3-d16
riscv64 riscv64-linux-gnu-gcc -mno-relax'

compile() { # PROGRAM COMPILER [FLAG...]
  program=$1
  shift
  "$@" -std=gnu11 -Wall -Wextra -Werror -Os -ffreestanding -nostdlib -static -no-pie -fno-pie \
    -fomit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fno-tree-loop-distribute-patterns -fno-ident -I "$packages/edgecore/src/runtime/pause" \
    -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,noexecstack -s \
    -o "$program" "$here/hello.c"
}

{
  echo '// Made by examples/hello/build.sh from hello.c. Do not edit.'
  echo
  echo '/** The demo’s web server, as a static ELF file in base64, by `process.arch`. */'
  echo "export const helloPrograms: Readonly<Record<'x64' | 'arm64' | 'arm' | 'riscv64', string>> = {"
  echo "$compilers" | while read -r arch compiler flags; do
    # shellcheck disable=SC2086 # flags are a list of words
    compile "$out/$arch" "$compiler" $flags
    printf "  %s:\n    '%s',\n" "$arch" "$(base64 -w 0 "$out/$arch")"
  done
  echo '};'
} >"$out/emitted"
mkdir -p "$(dirname "$target")"
mv "$out/emitted" "$target"
