"""Commands on access: signing in and out, second factors, mandates."""
