"""Volumes and mounts, as far as rules read them."""

from __future__ import annotations

from typing import Any, Final

from msgspec import field

from gracekeeper_policies.model import Integer, Model


class VolumeMount(Model):
    """A volume seen by a container."""

    name: str = ""
    mount_path: str = ""
    sub_path: str = ""
    sub_path_expr: str = ""
    read_only: bool = False


class KeyToPath(Model):
    """Which key of a ConfigMap becomes which file, with which permissions."""

    key: str
    path: str
    mode: Integer | None = None


class ConfigMapVolume(Model):
    """A ConfigMap seen as files."""

    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    default_mode: Integer | None = None


class ProjectedSource(Model):
    """One source of a projected volume."""

    config_map: ConfigMapVolume | None = None


class ProjectedVolume(Model):
    """Several sources seen as files of one folder."""

    sources: tuple[ProjectedSource, ...] = ()
    default_mode: Integer | None = None


class HostPathVolume(Model):
    """A file or a folder of the node."""

    path: str = ""


class Volume(Model):
    """A volume: its source where rules read it, of the other kinds of source just that it is written."""

    name: str = ""
    host_path: HostPathVolume | None = None
    config_map: ConfigMapVolume | None = None
    projected: ProjectedVolume | None = None
    aws_elastic_block_store: Any = None
    azure_disk: Any = None
    azure_file: Any = None
    cephfs: Any = None
    cinder: Any = None
    csi: Any = None
    downward_api: Any = field(default=None, name="downwardAPI")
    empty_dir: Any = None
    ephemeral: Any = None
    fc: Any = None
    flex_volume: Any = None
    flocker: Any = None
    gce_persistent_disk: Any = None
    git_repo: Any = None
    glusterfs: Any = None
    image: Any = None
    iscsi: Any = None
    nfs: Any = None
    persistent_volume_claim: Any = None
    photon_persistent_disk: Any = None
    portworx_volume: Any = None
    quobyte: Any = None
    rbd: Any = None
    scale_io: Any = field(default=None, name="scaleIO")
    secret: Any = None
    storageos: Any = None
    vsphere_volume: Any = None

    @property
    def sources(self) -> frozenset[str]:
        """The manifest's fields that say where its files come from; the API server lets one pass, or fills in one."""
        fields = zip(self.__struct_fields__[1:], self.__struct_encode_fields__[1:], strict=True)
        return frozenset(written for name, written in fields if getattr(self, name) is not None) or _EMPTY_DIR

    @property
    def default_mode(self) -> int | None:
        """The permissions of files that name none of their own; None where it is not written."""
        source = self.projected or self.config_map
        return source.default_mode if source else None

    @property
    def config_maps(self) -> tuple[ConfigMapVolume, ...]:
        """The ConfigMaps whose keys it shows as files."""
        projected = self.projected.sources if self.projected else ()
        sources = (self.config_map, *(source.config_map for source in projected))
        return tuple(source for source in sources if source is not None)


_EMPTY_DIR: Final = frozenset({"emptyDir"})
