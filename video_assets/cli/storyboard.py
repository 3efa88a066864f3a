"""`lessonreel render --storyboard`: pictures and times, before any film is made."""

from __future__ import annotations

from pathlib import Path

from resources.store import manifest_of
from video_assets.checkout import Checkout
from video_assets.studio.disk import Disk, write_whole
from video_assets.studio.errors import StoreError
from video_assets.studio.manifests import PictureManifest, ScriptManifest, SpeechManifest, read_manifest
from video_assets.studio.store import LocalStore
from video_assets.studio.storyboard import Cell, storyboard


def write_storyboard(checkout: Checkout, key: str, run_id: str) -> Path:
    """Write the storyboard that a run made of a lesson, each picture with its title and the seconds it is spoken."""
    store = LocalStore(checkout.store)
    pictures = manifest_of(store, checkout.manifests, key, "section_image", PictureManifest, run_id)
    speech = manifest_of(store, checkout.manifests, key, "section_audio", SpeechManifest, run_id)
    if pictures is None or speech is None:
        raise StoreError(f"{key} has no pictures or sounds yet.", remedy="Render it first.")
    script = read_manifest(store, ScriptManifest, speech.script)
    titles = {section.id: section.title for section in script.sections}
    cells = [
        Cell(store.read(picture.picture.id), titles[picture.id], f"{sound.samples / speech.rate_hz:.1f} s")
        for picture, sound in zip(pictures.sections, speech.sections, strict=True)
    ]
    path = checkout.videos / f"{key}.storyboard.webp"
    write_whole(path, storyboard(cells, checkout.fonts), disk=Disk())
    return path
