"""Discovery: what does a class rely on that nobody asked about?"""
