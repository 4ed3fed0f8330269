"""The 6.x schema of hashicorp/aws without the provider: derived from an npm package, served over the plugin protocol."""
