"""What routes share: dependencies, security, rendering, forms, errors."""
