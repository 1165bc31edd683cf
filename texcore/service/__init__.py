"""Jobs from files to files, the loop over stdin and stdout, checkpoints, progress, doctor."""
