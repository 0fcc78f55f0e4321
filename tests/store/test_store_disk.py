"""Which file system a path lies on."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskmiljo.store.disk import NETWORK_TYPES, mount_type

MOUNTS = """\
sysfs /sys sysfs rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
/dev/sdb1 /srv xfs rw 0 0
auto /hem autofs rw 0 0
nas:/hem /hem nfs4 rw,vers=4.2 0 0
//nas/läge /mnt/delad\\040mapp cifs rw 0 0
anna@host: /mnt/ssh fuse.sshfs rw 0 0
/dev/sdc1 /hem/lokal ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/riskmiljo.sqlite", "ext4"),
        ("/srv/x.sqlite", "xfs"),
        ("/srvx/x.sqlite", "ext4"),
        ("/hem/anna/x.sqlite", "nfs4"),
        ("/hem/lokal/x.sqlite", "ext4"),
        ("/mnt/delad mapp/x.sqlite", "cifs"),
        ("/mnt/delad/x.sqlite", "ext4"),
        ("/mnt/ssh/x.sqlite", "fuse.sshfs"),
    ],
)
def test_the_nearest_mount_tells_the_file_system(path, kind):
    assert mount_type(Path(path), MOUNTS) == kind


def test_a_later_mount_hides_an_earlier_one_at_the_same_place():
    assert mount_type(Path("/a/x"), "x /a nfs rw 0 0\ny /a ext4 rw 0 0\n") == "ext4"


def test_a_path_that_no_line_covers_has_no_known_file_system():
    assert mount_type(Path("/a"), "") == ""


def test_the_usual_network_file_systems_are_known():
    assert {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"} <= NETWORK_TYPES
    assert not {"ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "apfs"} & NETWORK_TYPES
