"""The way into the database, taken with the AWS command line, the databases' own clients, and Terrace as the plugin."""
