"""Activities: tasks, calls, meetings, mails, notes, and who follows what."""
