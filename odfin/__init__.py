"""The top floor: the one command, `odfin`, wires the rooms together."""
