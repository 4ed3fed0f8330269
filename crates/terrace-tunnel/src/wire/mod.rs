//! WebSocket over tokio: dialling with TLS, a proxy and a signature, and frames in batches.
