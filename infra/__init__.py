"""Settings, storage and cluster; imports none of the other packages."""
