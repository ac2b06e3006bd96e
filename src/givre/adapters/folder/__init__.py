"""What kinds of images, masks and contours a folder holds, for drafting a case."""

from givre.adapters.folder.listing import FolderRefused, list_folder

__all__ = ["FolderRefused", "list_folder"]
