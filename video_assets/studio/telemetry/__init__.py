"""What a run tells about itself: events, resource usage, statistics, and estimates from them."""
