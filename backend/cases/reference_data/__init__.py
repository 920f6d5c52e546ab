"""Lists that the shipped processes need, such as cost centres, kept by administrators."""
