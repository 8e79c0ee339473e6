"""Policy files: GracePolicy, GraceException and GraceRepository documents, read, checked and written."""
