"""The store of finished work, and the file operations and locks that it relies on."""
