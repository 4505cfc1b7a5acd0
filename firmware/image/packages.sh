#!/bin/sh
# packages.sh FOLDER: the stage of the image that takes long and changes seldom, with Debian's packages and nothing of
# ours but the initial file system. Makes FOLDER/rootfs.tar, FOLDER/boot/ (boot loaders) and FOLDER/packages.tsv.
# Root; no loop devices. The caller keeps FOLDER by what went into it.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
out=$1
mkdir -p "$out/boot"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The machine's own sources, wherever its mirror is, with the release that the image holds.
sed 's/bookworm/trixie/g' /etc/apt/sources.list.d/debian.sources >"$work/trixie.sources"
include=$(sed '/^#/d' "$here/packages.list" | paste -sd, -)

# Node 24 comes with Ballast; a kernel for any hypervisor without what only a desktop has.
exclude() { for path in "$@"; do printf '%s\n' "--dpkgopt=path-exclude=$path"; done; }
drivers='/usr/lib/modules/*/kernel/drivers'
mmdebstrap --quiet --mode=root --variant=minbase --include="$include" \
  --aptopt='APT::Install-Recommends "false"' \
  $(exclude '/usr/share/man/*' '/usr/share/locale/*' '/usr/share/info/*' '/usr/share/bash-completion/*' \
    '/usr/share/doc/*' "$drivers/media/*" "$drivers/net/wireless/*" "$drivers/net/can/*" "$drivers/infiniband/*" \
    "$drivers/staging/*" "$drivers/bluetooth/*" "$drivers/iio/*" "$drivers/isdn/*" "$drivers/comedi/*" \
    "$drivers/gpu/drm/amd/*" "$drivers/gpu/drm/i915/*" "$drivers/gpu/drm/nouveau/*" "$drivers/gpu/drm/radeon/*" \
    "$drivers/gpu/drm/xe/*" "$drivers/mtd/*" '/usr/lib/modules/*/kernel/sound/*') \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --essential-hook="mkdir -p \"\$1\"/etc/initramfs-tools && cp -r '$here'/initramfs/. \"\$1\"/etc/initramfs-tools/" \
  --customize-hook='chroot "$1" dpkg-query -W -f "\${Package}\t\${Version}\t\${Architecture}\t\${source:Package}\t\${source:Version}\n" >'"'$out/packages.tsv'" \
  --customize-hook='rm -rf "$1"/var/cache/* "$1"/var/lib/apt "$1"/var/log/* "$1"/boot/*.old "$1"/etc/apt/sources.list.d' \
  trixie "$work/rootfs.tar" "$work/trixie.sources"

# Boot loaders are taken from their packages and stay out of the slots: Debian's signed ones for UEFI with Secure
# Boot, and one core image of our own for BIOS, made by the release's own tool.
mmdebstrap --quiet --mode=root --variant=extract \
  --include=libc-bin,dash,coreutils,grub-common,grub-pc-bin,grub-efi-amd64-signed,shim-signed \
  --aptopt='APT::Install-Recommends "false"' trixie "$work/boot" "$work/trixie.sources"
for name in bin sbin lib lib64; do [ -e "$work/boot/$name" ] || ln -s "usr/$name" "$work/boot/$name"; done
cat >"$work/boot/early.cfg" <<'CFG'
search --no-floppy --fs-uuid --set=root BA11-A570
set prefix=($root)/grub
CFG
chroot "$work/boot" /usr/bin/grub-mkimage -O i386-pc -c /early.cfg -p /grub -o /core.img \
  biosdisk part_gpt fat ext2 search search_fs_uuid normal linux configfile serial terminal echo sleep test regexp \
  loadenv reboot halt minicmd
cp "$work/boot/core.img" "$work/boot/usr/lib/grub/i386-pc/boot.img" "$out/boot/"
cp "$work/boot/usr/lib/shim/shimx64.efi.signed" "$out/boot/bootx64.efi"
cp "$work/boot/usr/lib/shim/mmx64.efi.signed" "$out/boot/mmx64.efi"
cp "$work/boot/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$out/boot/grubx64.efi"
for name in grub-pc-bin grub-efi-amd64-signed shim-signed; do
  zcat "$work/boot/usr/share/doc/$name"/changelog*.gz | sed -n "1s/^\([^ ]*\) (\([^)]*\)).*/$name\t\2/p"
done >"$out/boot/versions.tsv"

mv "$work/rootfs.tar" "$out/rootfs.tar"
