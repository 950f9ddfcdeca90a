"""The server of files that downloads are tried on."""

from tests.support.downloads import _no_proxy, resnet18_on_the_server, server, target  # noqa: F401 (fixtures)
