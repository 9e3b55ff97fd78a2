# shellcheck shell=bash
# What the scripts of this folder share: where images that are made without a registry are kept. Sourced; needs set -euo pipefail.

# Images, layers and what the builds keep between them. Nothing here belongs to the containers of the machine.
image_cache=${XDG_CACHE_HOME:-$HOME/.cache}/datainfra/image

# own_storage: buildah and podman work in that folder from here on.
own_storage() {
    mkdir -p "$image_cache"
    export CONTAINERS_STORAGE_CONF=$image_cache/storage.conf TMPDIR=$image_cache/tmp
    mkdir -p "$TMPDIR"
    printf '[storage]\ndriver = "overlay"\nrunroot = "%s/run"\ngraphroot = "%s/store"\n' "$image_cache" "$image_cache" \
        >"$CONTAINERS_STORAGE_CONF"
}
