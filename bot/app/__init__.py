"""Builds everything from settings, runs it and stops it: the command line, `serve`, recurring jobs, the demo.

Takes backstay.yaml, environment variables and the command line. Gives running parts and printed answers. Never decides what is
healthy, what is sent or what a card says: it only joins the parts that do.
"""
