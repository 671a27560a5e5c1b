"""How the site reaches its listeners: nginx's configuration and `longwave serve`. Does not know how pages are made."""
