"""What runs beside the controller: the warmup, the turn loop, the hook server, the user's folders."""
