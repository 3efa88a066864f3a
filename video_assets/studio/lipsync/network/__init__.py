"""Wav2Lip's network: its weights, its input, its runtimes (torch, OpenVINO), and batches over many sections."""
