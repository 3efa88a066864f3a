"""Speech providers: each module adapts one interface to the studio's `SpeechProvider`.

Does not belong here: the choice of a voice, mastering, or the validation of speech (`studio/speech/provider.py`).
"""
