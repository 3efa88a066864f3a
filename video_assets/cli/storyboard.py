"""`lessonreel render --storyboard`: the pictures and times of a lesson, without a film."""

from __future__ import annotations

from pathlib import Path

from video_assets.project_paths import ProjectPaths
from video_assets.studio.core.errors import StoreError
from video_assets.studio.film.storyboard_cells import expected_cells
from video_assets.studio.lesson.script import shown_text
from video_assets.studio.pipeline.manifests import (
    LessonManifest,
    PictureManifest,
    ScriptManifest,
    SpeechManifest,
    read_manifest,
)
from video_assets.studio.pipeline.refs import manifest_of
from video_assets.studio.slides.storyboard import storyboard
from video_assets.studio.storage.filesystem import FileSystem, atomic_write
from video_assets.studio.storage.store import LocalStore


def write_storyboard(project_paths: ProjectPaths, key: str, run_id: str) -> Path:
    """Write the storyboard of a run: the picture of each section, with its title, its length and its states.

    If the lesson waits for approval, there is no speech. Then the script is written beside the storyboard. Returns the
    path of the storyboard. Raises StoreError if the run made no pictures.
    """
    store = LocalStore(project_paths.store)
    pictures = manifest_of(store, project_paths.manifests, key, "section_image", PictureManifest, run_id)
    speech = manifest_of(store, project_paths.manifests, key, "section_audio", SpeechManifest, run_id)
    if pictures is None:
        raise StoreError(f"{key} has no pictures yet.", remedy="Render it first.")
    script = read_manifest(store, ScriptManifest, pictures.script)
    lesson = read_manifest(store, LessonManifest, script.lesson)
    seconds = {each.id: f"{each.samples / speech.rate_hz:.1f} s" for each in speech.sections} if speech else {}
    cells = expected_cells(pictures, script, lesson, store, seconds)
    path = project_paths.videos / f"{key}.storyboard.webp"
    atomic_write(path, storyboard(cells, project_paths.fonts), filesystem=FileSystem())
    if speech is None:
        text = "\n\n".join(f"{section.title}\n{shown_text(section.tokens)}" for section in script.sections)
        atomic_write(project_paths.videos / f"{key}.script.txt", f"{text}\n".encode(), filesystem=FileSystem())
    return path
