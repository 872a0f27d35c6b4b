//! A Bedrock Runtime stand-in over HTTP.
