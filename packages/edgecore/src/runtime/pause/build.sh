#!/bin/sh
# Builds the static binaries that the agent carries for every architecture it runs on, and writes
# them as base64 into TypeScript. Run it after a change of the C sources. Needs the Debian packages
#   gcc gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf gcc-riscv64-linux-gnu
#   linux-libc-dev linux-libc-dev-arm64-cross linux-libc-dev-armhf-cross linux-libc-dev-riscv64-cross
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Names as in `process.arch`, then the compiler and what only it needs.
compilers='x64 gcc -fcf-protection=none
arm64 aarch64-linux-gnu-gcc -mno-outline-atomics
arm arm-linux-gnueabihf-gcc -marm -march=armv7-a -mfpu=vfpv3-d16
riscv64 riscv64-linux-gnu-gcc -mno-relax'

compile() { # SOURCE TARGET COMPILER [FLAG...]
  source=$1 target=$2
  shift 2
  "$@" -std=gnu11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib -static -no-pie -fno-pie \
    -fomit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fno-tree-loop-distribute-patterns -fno-ident -I "$here" \
    -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,noexecstack -s \
    -o "$target" "$source"
}

emit() { # SOURCE TYPESCRIPT CONSTANT TITLE
  {
    echo "// Made by runtime/pause/build.sh from $(basename "$1"). Do not edit."
    echo
    echo "/** $4, as a static ELF file in base64, by \`process.arch\`. */"
    echo "export const $3: Readonly<Record<'x64' | 'arm64' | 'arm' | 'riscv64', string>> = {"
    echo "$compilers" | while read -r arch compiler flags; do
      # shellcheck disable=SC2086 # flags are a list of words
      compile "$1" "$out/$arch" "$compiler" $flags
      printf "  %s:\n    '%s',\n" "$arch" "$(base64 -w 0 "$out/$arch")"
    done
    echo "};"
  } >"$out/emitted"
  mv "$out/emitted" "$2"
}

emit "$here/pause.c" "$here/pause-binaries.ts" pauseBinaries 'The pod sandbox'
emit "$here/../process/shim.c" "$here/../process/shim-binaries.ts" shimBinaries \
  'The supervisor of one host process'
