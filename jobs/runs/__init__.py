"""How runs are launched, executed, terminated and recorded."""
