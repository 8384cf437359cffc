"""The pages, their JSON, webhooks, sign-in, and the service's health for monitoring."""
