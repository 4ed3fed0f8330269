"""The 6.x schema of hashicorp/aws without the provider: from an npm package, over the plugin protocol."""
