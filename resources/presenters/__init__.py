"""Presenters: one module per source of faces.

Belongs here: what turns a performance request into pictures, and how a person is drawn. Does not belong here: when a
face blinks or which shape its mouth has (`video_assets.studio.presenter.provider`,
`video_assets.studio.presenter.visemes`).
"""
