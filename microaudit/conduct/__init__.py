"""How the crawler behaves on other people's servers. Everything here runs between engine and network."""
