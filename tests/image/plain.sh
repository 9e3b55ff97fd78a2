#!/bin/sh
# plain.sh BINARY ROOT DATA ARGUMENT…: what a pod's container would be, for a program without an image: a read-only root
# that has only what a linked program needs, /tmp in memory, DATA as /app/data, user 65532, no capabilities, no new
# privileges. Started by `run` under `unshare --mount`; the program takes the place of this process.
set -eu
binary=$1 root=$2 data=$3
shift 3

mount -t tmpfs -o size=1m,mode=755 none "$root"
cd "$root"
mkdir -p app/data dev etc lib lib64 proc tmp usr
touch datainfra
for folder in usr lib lib64 etc; do
    [ ! -e "/$folder" ] || mount --bind -o ro "/$folder" "$folder"
done
mount --rbind /dev dev
mount --rbind /proc proc
mount -t tmpfs -o size=64m,mode=1777 none tmp
mount --bind "$binary" datainfra
mount --bind "$data" app/data
mount -o remount,ro "$root"
exec chroot "$root" /usr/bin/env --chdir /app /usr/bin/setpriv --reuid 65532 --regid 65532 --clear-groups \
    --no-new-privs --inh-caps=-all --bounding-set=-all /datainfra "$@"
