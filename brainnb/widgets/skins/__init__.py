"""The two faces of a conversation: a Jupyter widget and a Panel component, both around static/explorer.js."""
